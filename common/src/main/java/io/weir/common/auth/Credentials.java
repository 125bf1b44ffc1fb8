package io.weir.common.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The secret a request shows, from whichever place its client puts it.
 *
 * @param token the token, or null when the request shows none
 */
public record Credentials(@Nullable String token) {

    /** Of a request that shows none. */
    public static final Credentials NONE = new Credentials(null);

    /**
     * Reads {@code Authorization: Bearer|Token T}, {@code Authorization: Basic} (the password is the token), {@code
     * x-api-key}, or the query parameter {@code p} of InfluxDB 1 clients, in that order. Reads headers only.
     */
    public static Credentials of(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
        if (authorization != null) {
            return new Credentials(ofAuthorization(authorization));
        }
        String apiKey = headers.getFirst("x-api-key");
        if (apiKey != null) {
            return new Credentials(apiKey);
        }
        List<String> password = request.getQueryParams().get("p");
        return new Credentials(password == null || password.isEmpty() ? null : password.get(0));
    }

    private static @Nullable String ofAuthorization(String authorization) {
        int space = authorization.indexOf(' ');
        if (space < 0) {
            return null;
        }
        String rest = authorization.substring(space + 1).trim();
        return switch (authorization.substring(0, space).toLowerCase(Locale.ROOT)) {
            case "bearer", "token" -> rest;
            case "basic" -> passwordOf(rest);
            default -> null;
        };
    }

    private static @Nullable String passwordOf(String base64) {
        try {
            String pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? null : pair.substring(colon + 1);
        } catch (IllegalArgumentException notBase64) {
            return null; // shown nothing that could be a token; the authenticator decides what that means
        }
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return token == null ? "no credentials" : "a token";
    }
}
