package io.weir.access;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Organisation;
import io.weir.storage.catalog.StoredToken;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How requests and answers about access look. */
final class AccessJson {

    private AccessJson() {}

    static Map<String, @Nullable Object> of(StoredToken token) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", token.id());
        json.put("organization", token.organisation());
        json.put("name", token.name());
        json.put("permissions", permissions(GrantText.parse(token.grants())));
        json.put("operator", token.operator());
        json.put("created_at", token.created().toString());
        json.put("expires_at", text(token.expires()));
        json.put("revoked_at", text(token.revoked()));
        json.put("previous_until", text(token.previousUntil()));
        return json;
    }

    static Map<String, @Nullable Object> of(Tokens.Made made) {
        Map<String, @Nullable Object> json = of(made.token());
        json.put("token", made.text());
        return json;
    }

    static Map<String, Object> of(Principal caller) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("valid", true);
        json.put("id", caller.tokenId());
        json.put("organization", caller.organisation());
        json.put("name", caller.name());
        json.put("permissions", permissions(caller.grants()));
        json.put("operator", caller.operator());
        return json;
    }

    private static List<Map<String, Object>> permissions(List<Grant> grants) {
        List<Map<String, Object>> permissions = new ArrayList<>();
        for (Grant grant : grants) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("database", grant.databases().text());
            json.put(
                    "allow",
                    grant.permissions().stream().sorted().map(Permission::word).toList());
            permissions.add(json);
        }
        return permissions;
    }

    static Map<String, Object> of(Organisation organisation) {
        OrganisationLimits limits = organisation.limits();
        Map<String, Object> quotas = new LinkedHashMap<>();
        quotas.put("bytes_per_minute", limits.bytesPerMinute());
        quotas.put("rows_per_minute", limits.rowsPerMinute());
        quotas.put("concurrent_queries", limits.concurrentQueries());
        quotas.put("sockets", limits.sockets());
        quotas.put("cache_entries", limits.cacheEntries());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", organisation.name());
        json.put("created_at", organisation.created().toString());
        json.put("quotas", quotas);
        return json;
    }

    static Map<String, Object> of(AuditEntry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", entry.id());
        json.put("time", entry.time().toString());
        json.put("organization", entry.organisation());
        json.put("actor", entry.actor());
        json.put("act", entry.act());
        json.put("subject", entry.subject());
        json.put("detail", entry.detail());
        return json;
    }

    static Map<String, Object> of(CacheStats stats) {
        Map<String, Object> json = new LinkedHashMap<>();
        long requests = stats.hits() + stats.misses();
        json.put("size", stats.size());
        json.put("max_size", stats.maxSize());
        json.put("requests", requests);
        json.put("hits", stats.hits());
        json.put("misses", stats.misses());
        json.put("hit_rate", requests == 0 ? 0 : (double) stats.hits() / requests);
        json.put("evictions", stats.evictions());
        json.put("expirations", stats.expirations());
        json.put("invalidations", stats.invalidations());
        json.put("sweeps", stats.sweeps());
        json.put("last_swept", stats.lastSwept());
        return json;
    }

    /** What is wanted of a new token; without an organisation it is the caller's. */
    static Tokens.Wish wish(JsonNode json, Principal caller, Instant now) {
        String name = text(json, "name", "");
        if (name.isBlank()
                || name.length() > Tokens.LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid("\"name\" is missing or unfit (expected: 1 to " + Tokens.LONGEST_NAME
                    + " characters, no control characters)");
        }
        Instant expires = json.has("expires_in") ? now.plus(duration(json, "expires_in")) : instant(json, "expires_at");
        if (expires != null && !expires.isAfter(now)) {
            throw invalid("the token would have expired at " + expires + " already (expected: a later time)");
        }
        return new Tokens.Wish(
                text(json, "organization", caller.organisation()),
                name,
                grants(json.path("permissions")),
                bool(json, "operator"),
                expires);
    }

    /** {@code ["read"]} for all databases, {@code [{"database": …, "allow": […]}]}, or both mixed; or the short text. */
    private static List<Grant> grants(JsonNode json) {
        try {
            if (json.isString()) {
                return GrantText.parse(json.asString());
            }
            if (!json.isArray() || json.isEmpty()) {
                throw invalid("\"permissions\" is missing (expected: such as [{\"database\":\"fleet_*\",\"allow\":"
                        + "[\"read\",\"write\"]}])");
            }
            List<Grant> grants = new ArrayList<>();
            List<String> everywhere = new ArrayList<>();
            for (JsonNode one : json) {
                if (one.isString()) {
                    everywhere.add(one.asString());
                } else {
                    grants.add(new Grant(
                            new DatabasePattern(text(one, "database", "*")),
                            GrantText.permissions(words(one.path("allow")))));
                }
            }
            if (!everywhere.isEmpty()) {
                grants.add(new Grant(DatabasePattern.ALL, GrantText.permissions(everywhere)));
            }
            return GrantText.parse(GrantText.of(grants)); // one place checks how many there may be
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> words(JsonNode json) {
        List<String> words = new ArrayList<>();
        json.forEach(word -> words.add(word.asString("")));
        return words;
    }

    /** Limits as a request sets them; what it does not name is as it was. */
    static OrganisationLimits limits(JsonNode json, OrganisationLimits before) {
        JsonNode quotas = json.path("quotas");
        if (!quotas.isMissingNode() && !quotas.isObject()) {
            throw invalid("\"quotas\" is not an object (expected: such as {\"rows_per_minute\": 1000000})");
        }
        for (String name : quotas.propertyNames()) {
            if (!List.of("bytes_per_minute", "rows_per_minute", "concurrent_queries", "sockets", "cache_entries")
                    .contains(name)) {
                throw invalid("quota \"" + io.weir.common.model.Names.printable(name)
                        + "\" is not known (expected: bytes_per_minute, rows_per_minute, concurrent_queries, sockets or"
                        + " cache_entries)");
            }
        }
        return new OrganisationLimits(
                number(quotas, "bytes_per_minute", before.bytesPerMinute(), Long.MAX_VALUE),
                number(quotas, "rows_per_minute", before.rowsPerMinute(), Long.MAX_VALUE),
                (int) number(quotas, "concurrent_queries", before.concurrentQueries(), Integer.MAX_VALUE),
                (int) number(quotas, "sockets", before.sockets(), Integer.MAX_VALUE),
                (int) number(quotas, "cache_entries", before.cacheEntries(), Integer.MAX_VALUE));
    }

    private static long number(JsonNode json, String name, long before, long most) {
        JsonNode value = json.path(name);
        if (value.isMissingNode()) {
            return before;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0 || value.asLong() > most) {
            throw invalid("\"" + name + "\" is not a number of 0 (any amount) to " + most);
        }
        return value.asLong();
    }

    /** How long a replaced secret is tolerated. */
    static Duration grace(JsonNode json) {
        Duration grace = json.has("grace") ? duration(json, "grace") : Duration.ZERO;
        if (grace.isNegative() || grace.compareTo(Tokens.LONGEST_GRACE) > 0) {
            throw invalid("\"grace\" is " + grace + " (expected: at most " + Tokens.LONGEST_GRACE.toDays() + " days)");
        }
        return grace;
    }

    private static Duration duration(JsonNode json, String name) {
        String text = text(json, name, "");
        try {
            return org.springframework.boot.convert.DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw invalid("\"" + name + "\" is no duration (expected: such as \"90d\", \"24h\" or \"PT10M\")");
        }
    }

    private static @Nullable Instant instant(JsonNode json, String name) {
        if (!json.hasNonNull(name)) {
            return null;
        }
        try {
            return Instant.parse(text(json, name, ""));
        } catch (DateTimeException e) {
            throw invalid("\"" + name + "\" is no time (expected: such as \"2027-01-31T00:00:00Z\")");
        }
    }

    static String text(JsonNode json, String name, String absent) {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isString()) {
            throw invalid("\"" + name + "\" is not a string");
        }
        return value.asString();
    }

    private static boolean bool(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw invalid("\"" + name + "\" is not true or false");
        }
        return value.asBoolean(false);
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }
}
