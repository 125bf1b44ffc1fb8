package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Looks after the tokens of a server. Safe for several threads. */
public final class TokenClient {

    private static final String ROUTE = "/api/v1/auth/tokens";
    private static final JsonMapper JSON = new JsonMapper();

    private final WeirHttp http;

    /**
     * A token that was just made.
     *
     * @param id what it is called by in other commands
     * @param text the token
     */
    public record NewToken(String id, String text) {}

    /**
     * A token in a list; parts that it does not have are empty.
     *
     * @param id what it is called by in other commands
     * @param name its name
     * @param permissions what it may do
     * @param expires when it expires
     * @param state valid, revoked, operator
     */
    public record Listed(String id, String name, String permissions, String expires, String state) {}

    /** A client that asks through {@code http}. */
    public TokenClient(WeirHttp http) {
        this.http = http;
    }

    /** Makes a token; empty texts are the server's defaults. */
    public NewToken create(String name, String permissions, String organisation, String expiresIn, boolean operator) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("permissions", permissions);
        body.put("operator", operator);
        putUnlessEmpty(body, "organization", organisation);
        putUnlessEmpty(body, "expires_in", expiresIn);
        return newToken(post(ROUTE, body));
    }

    /** Gives a token another secret. */
    public NewToken rotate(String id, String grace) {
        Map<String, Object> body = new LinkedHashMap<>();
        putUnlessEmpty(body, "grace", grace);
        return newToken(post(ROUTE + "/" + requireId(id) + "/rotate", body));
    }

    /** Has a token refused. */
    public void revoke(String id) {
        post(ROUTE + "/" + requireId(id) + "/revoke", Map.of());
    }

    /** Tokens of that organisation; of the caller's when it is empty. */
    public List<Listed> list(String organisation) {
        HttpResponse<InputStream> answer = http.get(ROUTE, Map.of("organization", organisation));
        List<Listed> tokens = new ArrayList<>();
        for (JsonNode token : accepted(answer).path("tokens")) {
            tokens.add(new Listed(
                    token.path("id").asString(""),
                    token.path("name").asString(""),
                    permissions(token.path("permissions")),
                    token.path("expires_at").asString(""),
                    state(token)));
        }
        return tokens;
    }

    private static String permissions(JsonNode permissions) {
        StringJoiner all = new StringJoiner(" ");
        for (JsonNode one : permissions) {
            StringJoiner allowed = new StringJoiner(",");
            one.path("allow").forEach(word -> allowed.add(word.asString("")));
            all.add(allowed + ":" + one.path("database").asString(""));
        }
        return all.toString();
    }

    private static String state(JsonNode token) {
        if (token.hasNonNull("revoked_at")) {
            return "revoked";
        }
        return token.path("operator").asBoolean(false) ? "valid, operator" : "valid";
    }

    private static void putUnlessEmpty(Map<String, Object> body, String name, String value) {
        if (!value.isEmpty()) {
            body.put(name, value);
        }
    }

    /** An id is part of a path, so nothing else may be one. */
    private static String requireId(String id) {
        if (id.isEmpty() || !id.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw CommandFailure.usage(
                    "\"" + id + "\" is not the id of a token (expected: one of those that weir token list prints)");
        }
        return id;
    }

    private JsonNode post(String path, Map<String, Object> body) {
        return accepted(
                http.post(path, Map.of(), Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body)));
    }

    private JsonNode accepted(HttpResponse<InputStream> answer) {
        return http.accepted(answer, "tokens");
    }

    private NewToken newToken(JsonNode json) {
        String id = json.path("id").asString("");
        String text = json.path("token").asString("");
        if (id.isEmpty() || text.isEmpty()) {
            throw CommandFailure.refused("The answer of " + http.address().base() + " holds no token (is it Weir?)");
        }
        return new NewToken(id, text);
    }
}
