package io.weir.query.edge;

import io.weir.common.http.RequestContext;
import io.weir.query.cache.CacheStats;
import io.weir.query.cache.QueryCache;
import io.weir.query.cache.Selection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Answers {@code /api/v1/cache}: the cache of results in numbers, and what an organisation wants forgotten. Thread-safe. */
final class CacheHandler {

    static final String STATS = "/api/v1/cache/stats";
    static final String INVALIDATE = "/api/v1/cache/invalidate";

    private static final List<String> MEMBERS = List.of("key", "pattern", "database", "measurement");
    private static final Set<String> KNOWN = Set.copyOf(MEMBERS);

    private final QueryCache cache;
    private final QueryHandler queries;

    CacheHandler(QueryCache cache, QueryHandler queries) {
        this.cache = cache;
        this.queries = queries;
    }

    Mono<ServerResponse> stats(ServerRequest request) {
        String organisation = RequestContext.principal(request).organisation();
        CacheStats stats = cache.stats();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("enabled", cache.isEnabled());
        json.put("requests", stats.requests());
        json.put("hits", stats.hits());
        json.put("shared", stats.shared());
        json.put("misses", stats.misses());
        json.put("bypasses", stats.bypasses());
        json.put("hit_rate", stats.hitRate());
        json.put("sets", stats.sets());
        json.put("too_large", stats.tooLarge());
        json.put("evictions", stats.evictions());
        json.put("expirations", stats.expirations());
        json.put("invalidations", stats.invalidations());
        json.put("sweeps", stats.sweeps());
        json.put("size", stats.size());
        json.put("bytes", stats.bytes());
        json.put("max_bytes", stats.maxBytes());
        json.put("second_level", Map.of("hits", cache.sharedHits(), "misses", cache.sharedMisses()));
        json.put("organisation", Map.of("size", cache.size(organisation), "max_entries", cache.mostPerOrganisation()));
        return json(json);
    }

    /** Forgets what fits all that the body names; everything of the organisation's when it names nothing. */
    Mono<ServerResponse> invalidate(ServerRequest request) {
        String organisation = RequestContext.principal(request).organisation();
        return queries.body(request)
                .map(body -> selection(organisation, body))
                .flatMap(cache::invalidate)
                .flatMap(count -> json(Map.of("invalidated", count)));
    }

    private static Selection selection(String organisation, byte[] body) {
        JsonNode root = QueryCommandReader.object(body.length == 0 ? new byte[] {'{', '}'} : body, "database");
        for (String member : root.propertyNames()) {
            if (!KNOWN.contains(member)) {
                throw QueryCommandReader.invalid(
                        "member \"" + member + "\" is not known (expected: " + String.join(", ", MEMBERS) + ")");
            }
        }
        return new Selection(
                organisation,
                QueryCommandReader.text(root, "key"),
                QueryCommandReader.text(root, "pattern"),
                QueryCommandReader.text(root, "database"),
                QueryCommandReader.text(root, "measurement"));
    }

    private static Mono<ServerResponse> json(Map<String, Object> json) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(json);
    }
}
