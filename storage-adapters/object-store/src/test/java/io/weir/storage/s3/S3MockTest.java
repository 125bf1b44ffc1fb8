package io.weir.storage.s3;

import io.weir.testing.S3Peer;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** S3Mock, a second reading of the protocol. */
class S3MockTest extends S3ObjectStoreContract {

    @Override
    S3Settings settings() {
        return S3Stores.settings(S3Peer.s3Mock());
    }

    @Test
    @Disabled("S3Mock checks the condition and writes in two steps: two of 16 puts may win. S3Proxy proves this")
    @Override
    protected void ofManyPutsOfOneKeyExactlyOneWins() {}

    @Test
    @Disabled("S3Mock loses the object of a key when an upload of parts to it is refused. S3Proxy proves this")
    @Override
    protected void aTakenKeyIsRefusedToManyPartsToo() {}
}
