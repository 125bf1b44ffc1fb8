package io.weir.ingest.mqtt;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a broker listens.
 *
 * @param host name or address
 * @param port TCP port
 * @param tls whether it speaks TLS there
 */
record BrokerAddress(String host, int port, boolean tls) {

    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;

    /**
     * Reads {@code mqtt://host[:port]} or {@code mqtts://host[:port]}; the port is 1883 or 8883 by default.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static BrokerAddress parse(String url) {
        try {
            URI uri = new URI(url);
            boolean tls = "mqtts".equals(uri.getScheme());
            boolean known = tls || "mqtt".equals(uri.getScheme());
            boolean bare = uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && (uri.getPath() == null
                            || uri.getPath().isEmpty()
                            || uri.getPath().equals("/"));
            if (known && bare && uri.getHost() != null) {
                return new BrokerAddress(
                        uri.getHost(), uri.getPort() >= 0 ? uri.getPort() : tls ? TLS_PORT : PLAIN_PORT, tls);
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a broker URL: " + url, e);
        }
        throw new IllegalArgumentException("not a broker URL: " + url);
    }

    @Override
    public String toString() {
        return (tls ? "mqtts://" : "mqtt://") + host + ":" + port;
    }
}
