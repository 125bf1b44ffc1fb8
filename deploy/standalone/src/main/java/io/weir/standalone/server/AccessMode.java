package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests need a token.
 *
 * @param tokensNeeded whether they do
 * @param reason why, for people
 */
record AccessMode(boolean tokensNeeded, String reason) {

    /**
     * Unless it is set, tokens are needed where other machines can reach the server.
     *
     * @param enabled {@code weir.auth.enabled}, or null
     * @param address {@code server.address}; empty for every address of the machine
     */
    static AccessMode of(@Nullable Boolean enabled, String address) {
        if (enabled != null) {
            return new AccessMode(enabled, "weir.auth.enabled=" + enabled);
        }
        return isLoopback(address)
                ? new AccessMode(false, "only this machine can reach it")
                : new AccessMode(true, "other machines can reach it");
    }

    private static boolean isLoopback(String address) {
        try {
            return !address.isBlank() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new WeirException(
                    CommonError.CONFIGURATION,
                    "server.address is " + address
                            + ", which is no address of this machine (expected: such as 127.0.0.1)",
                    e);
        }
    }
}
