package io.weir.storage.s3;

import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import java.net.URI;
import java.util.Optional;

/**
 * Where a bucket is and how to talk to it.
 *
 * @param endpoint of a store that is not AWS
 * @param region AWS region; other stores take any
 * @param bucket existing bucket
 * @param prefix of every key in it
 * @param pathStyle the bucket is in the path, not in the host name
 * @param partBytes bytes of one part of a large file, 5 MB to 1 GB; a file of up to that size is put whole
 * @param pageKeys keys of one page of a listing, 1 to 1,000
 */
public record S3Settings(
        Optional<URI> endpoint,
        String region,
        String bucket,
        KeyPrefix prefix,
        boolean pathStyle,
        S3Credentials credentials,
        S3Encryption encryption,
        ConnectionLimits connections,
        int partBytes,
        int pageKeys) {

    /** What a bucket gets that says nothing else. */
    public static final int DEFAULT_PART_BYTES = 16 << 20;

    /** Most keys of a page. */
    public static final int MOST_PAGE_KEYS = 1_000;
}
