package io.weir.common.http;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The JSON object in the body of a request, read member by member. What is wrong with one is {@code invalid-request} and
 * names the member. Immutable.
 */
public final class JsonBody {

    private static final int MOST_BYTES = 256 * 1024;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode root;

    private JsonBody(JsonNode root) {
        this.root = root;
    }

    /**
     * Reads the body; an empty one is an object without members.
     *
     * @param members all members that it may have
     */
    public static Mono<JsonBody> of(ServerRequest request, List<String> members) {
        return BodyBytes.of(request, MOST_BYTES, "such a request")
                .map(JsonBody::parsed)
                .map(root -> checked(root, members));
    }

    private static JsonNode parsed(byte[] body) {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw invalid("the body is not JSON: " + e.getOriginalMessage());
        }
    }

    private static JsonBody checked(JsonNode root, List<String> members) {
        if (!root.isObject()) {
            throw invalid("the body is not a JSON object");
        }
        for (String member : root.propertyNames()) {
            if (!members.contains(member)) {
                throw invalid("member \"" + Names.printable(member) + "\" is not known (expected: "
                        + String.join(", ", members) + ")");
            }
        }
        return new JsonBody(root);
    }

    private JsonNode node(String member) {
        return root.path(member);
    }

    /** Whether it has that member, and not as null. */
    public boolean has(String member) {
        return !node(member).isMissingNode() && !node(member).isNull();
    }

    /** A text that must be there. */
    public String text(String member) {
        String text = text(member, "");
        if (text.isBlank()) {
            throw invalid("member \"" + member + "\" is missing or empty");
        }
        return text;
    }

    /** A text, or {@code absent}. */
    public String text(String member, String absent) {
        if (!has(member)) {
            return absent;
        }
        if (!node(member).isString()) {
            throw invalid("member \"" + member + "\" is not a string");
        }
        return node(member).asString();
    }

    /** A name for people: 1 to 128 characters, none of them a control character. */
    public String title(String member) {
        String title = text(member);
        if (title.length() > Names.MAX_NAME_BYTES || title.chars().anyMatch(Character::isISOControl)) {
            throw invalid("member \"" + member + "\" is unfit (expected: up to " + Names.MAX_NAME_BYTES
                    + " characters, no control characters)");
        }
        return title;
    }

    /** True or false, or {@code absent}. */
    public boolean flag(String member, boolean absent) {
        if (!has(member)) {
            return absent;
        }
        if (!node(member).isBoolean()) {
            throw invalid("member \"" + member + "\" is neither true nor false");
        }
        return node(member).asBoolean();
    }

    /**
     * A length of time such as {@code 30d}, {@code 12h} or {@code PT1M}.
     *
     * @param absent what it is when it is not there; null when it must be
     * @param least the shortest
     * @param most the longest
     */
    public Duration duration(String member, @Nullable Duration absent, Duration least, Duration most) {
        if (!has(member) && absent != null) {
            return absent;
        }
        String text = text(member);
        Duration duration;
        try {
            duration = DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException e) {
            throw invalid("member \"" + member + "\" is \"" + Names.printable(text)
                    + "\", which is no length of time (expected: such as 30d, 12h or 90s)");
        }
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw invalid("member \"" + member + "\" is " + Names.printable(text) + " (expected: " + least + " to "
                    + most + ")");
        }
        return duration;
    }

    /** A moment such as {@code 2026-01-31T00:00:00Z}; null when it is not there. */
    public @Nullable Instant time(String member) {
        if (!has(member)) {
            return null;
        }
        try {
            return Instant.parse(text(member));
        } catch (DateTimeParseException e) {
            throw invalid("member \"" + member + "\" is \"" + Names.printable(text(member))
                    + "\", which is no time (expected: such as 2026-01-31T00:00:00Z)");
        }
    }

    /** A refusal of a body. */
    public static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }
}
