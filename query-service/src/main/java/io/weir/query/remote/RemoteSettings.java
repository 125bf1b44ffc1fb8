package io.weir.query.remote;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How a query replica reads hot rows, {@code weir.query.*}.
 *
 * @param ingestReplicas internal addresses of all ingest replicas, {@code HOST:PORT}; default none, with which a query
 *     replica does not start
 * @param hotConnectTimeout default 1 s; longest time to connect to one
 * @param hotTimeout default 5 s; longest time for all hot rows of a measurement of one
 * @param hotMemory default 128 MB; what hot rows of all running queries may take together
 */
@ConfigurationProperties("weir.query")
public record RemoteSettings(
        @DefaultValue List<String> ingestReplicas,
        @DefaultValue("1s") Duration hotConnectTimeout,
        @DefaultValue("5s") Duration hotTimeout,
        @DefaultValue("128MB") DataSize hotMemory) {

    public RemoteSettings {
        ingestReplicas = List.copyOf(ingestReplicas);
        ingestReplicas.forEach(RemoteSettings::address);
        require(
                ingestReplicas.stream().distinct().count() == ingestReplicas.size(),
                "ingest-replicas",
                String.join(",", ingestReplicas),
                "each replica once");
        require(isPositive(hotConnectTimeout), "hot-connect-timeout", hotConnectTimeout, "above 0");
        require(isPositive(hotTimeout), "hot-timeout", hotTimeout, "above 0");
        require(hotMemory.toBytes() >= 1 << 20, "hot-memory", hotMemory, "at least 1MB");
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean valid, String key, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("weir.query." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    private static URI address(String text) {
        URI address = null;
        try {
            address = URI.create("http://" + text);
        } catch (IllegalArgumentException e) {
            require(false, "ingest-replicas", text, "HOST:PORT, separated by commas");
        }
        require(
                address != null
                        && address.getHost() != null
                        && address.getPort() > 0
                        && address.getPath().isEmpty()
                        && address.getQuery() == null
                        && address.getUserInfo() == null,
                "ingest-replicas",
                text,
                "HOST:PORT, separated by commas");
        return java.util.Objects.requireNonNull(address);
    }

    /** Where each replica is asked. */
    List<URI> addresses() {
        List<URI> addresses = new ArrayList<>();
        ingestReplicas.forEach(replica -> addresses.add(address(replica)));
        return addresses;
    }
}
