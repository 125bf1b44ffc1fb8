package io.weir.standalone.cli.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where lines go.
 *
 * @param endpoint path of a line protocol endpoint
 * @param database database; empty for the server's default
 * @param precision unit of the timestamps as the endpoint names it; empty for the endpoint's default
 * @param allOrNothing whether a request with a bad line stores nothing, where the endpoint lets the client choose
 */
public record WriteTarget(String endpoint, String database, String precision, boolean allOrNothing) {

    /** The endpoint of InfluxDB 3, which says most about bad lines. */
    public static final String DEFAULT_ENDPOINT = "/api/v3/write_lp";

    /** Query parameters of a request in the endpoint's own words. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put(endpoint.startsWith("/api/v2/") ? "bucket" : "db", database);
        parameters.put("precision", precision);
        if (endpoint.startsWith("/api/v3/") || endpoint.startsWith("/api/v1/")) {
            parameters.put("accept_partial", Boolean.toString(!allOrNothing));
        }
        return parameters;
    }
}
