package io.weir.storage.s3;

import io.weir.testing.S3Peer;

/** S3Proxy, which keeps conditions under races. */
class S3ProxyTest extends S3ObjectStoreContract {

    @Override
    S3Settings settings() {
        return S3Stores.settings(S3Peer.s3Proxy());
    }
}
