package io.weir.common.limit;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Finds the address a request really comes from. What a header says is believed only as far as it was written by proxies
 * that the configuration names: from the right, the first address that is none of theirs is the client's. Stateless.
 */
final class ClientAddresses {

    private static final int MOST_HOPS = 32;

    private final List<AddressRange> proxies;

    ClientAddresses(List<AddressRange> proxies) {
        this.proxies = List.copyOf(proxies);
    }

    /**
     * The client's address in 4 or 16 bytes; null when the connection has none, as one over a file has not.
     *
     * @param peer the other end of the connection
     */
    byte @Nullable [] of(@Nullable InetSocketAddress peer, HttpHeaders headers) {
        if (peer == null || peer.getAddress() == null) {
            return null;
        }
        byte[] address = AddressRange.plain(peer.getAddress().getAddress());
        if (!isProxy(address)) {
            return address;
        }
        List<String> hops = hops(headers);
        for (int i = hops.size() - 1; i >= 0 && hops.size() - i <= MOST_HOPS; i--) {
            byte[] hop = AddressRange.bytes(withoutPort(hops.get(i)));
            if (hop == null) {
                return address; // nothing to the left of what cannot be read is worth believing
            }
            address = hop;
            if (!isProxy(hop)) {
                return hop;
            }
        }
        return address;
    }

    private boolean isProxy(byte[] address) {
        for (AddressRange range : proxies) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Addresses in the order in which proxies added them. {@code Forwarded} (RFC 7239) wins over its older brother. */
    private static List<String> hops(HttpHeaders headers) {
        List<String> hops = new ArrayList<>();
        List<String> forwarded = headers.getOrEmpty("Forwarded");
        for (String header : forwarded.isEmpty() ? headers.getOrEmpty("X-Forwarded-For") : forwarded) {
            for (String element : header.split(",", -1)) {
                hops.add(forwarded.isEmpty() ? element.strip() : forParameter(element));
            }
        }
        return hops;
    }

    private static String forParameter(String element) {
        for (String pair : element.split(";", -1)) {
            String stripped = pair.strip();
            if (stripped.regionMatches(true, 0, "for=", 0, 4)) {
                String value = stripped.substring(4).strip();
                boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                return quoted ? value.substring(1, value.length() - 1) : value;
            }
        }
        return "";
    }

    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? "" : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }
}
