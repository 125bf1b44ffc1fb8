package io.weir.testing;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** Waits of libraries on threads of their own that serve nobody. */
public final class AllowedWaits implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        // The AWS SDK closes its pools on Netty's global executor and waits there for their sockets.
        builder.allowBlockingCallsInside("io.netty.channel.pool.SimpleChannelPool", "close");
        // Netty's allocator parks for a moment when two threads want the same arena; its own business.
        builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate");
        // PostgreSQL's driver makes a nonce for each connection; reading /dev/urandom is a file read that never waits.
        builder.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully");
    }
}
