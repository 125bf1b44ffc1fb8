package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a Weir server answers, and who asks.
 *
 * @param base scheme, host, port and an optional path prefix, without a slash at the end
 * @param token access token; empty when none is sent
 */
public record ServerAddress(String base, String token) {

    /** Where {@code ./weir serve} listens unless told otherwise. */
    public static final String DEFAULT = "http://127.0.0.1:8086";

    /** The address {@code url}; a usage failure when it is not an absolute http or https URL. */
    public static ServerAddress of(String url, String token) {
        try {
            URI uri = new URI(url);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                return new ServerAddress(url.replaceAll("/+$", ""), token);
            }
        } catch (URISyntaxException e) {
            throw unusable(url);
        }
        throw unusable(url);
    }

    /** The server on this machine at {@code port}, asked without a token. */
    public static ServerAddress local(int port) {
        return new ServerAddress("http://127.0.0.1:" + port, "");
    }

    /** The URI of {@code path} with query parameters; parameters with an empty value are left out. */
    public URI uri(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .filter(parameter -> !parameter.getValue().isEmpty())
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return URI.create(base + path + (query.isEmpty() ? "" : "?" + query));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static CommandFailure unusable(String url) {
        return CommandFailure.usage(
                "\"" + url + "\" is not the address of a server (expected: something like " + DEFAULT + ")");
    }
}
