package io.weir.storage.s3;

import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.testing.S3Peer;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Settings of stores over the peers of tests. */
final class S3Stores {

    /** Small enough that tests have several parts, and pages. */
    static final int PART_BYTES = 5 << 20;

    static final int PAGE_KEYS = 10;

    private S3Stores() {}

    /** A place of its own in that peer's bucket, which is empty. */
    static S3Settings settings(S3Peer peer) {
        return settings(peer, peer.endpoint(), limits());
    }

    /** The same through another address. */
    static S3Settings settings(S3Peer peer, URI endpoint, ConnectionLimits limits) {
        return new S3Settings(
                Optional.of(endpoint),
                "eu-central-1",
                peer.bucket(),
                KeyPrefix.of("env=test/" + UUID.randomUUID()),
                true,
                new S3Credentials.Static(S3Peer.ACCESS_KEY, S3Peer.SECRET_KEY, ""),
                new S3Encryption.BucketDefault(),
                limits,
                PART_BYTES,
                PAGE_KEYS);
    }

    static ConnectionLimits limits() {
        return new ConnectionLimits(
                50,
                100,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5));
    }
}
