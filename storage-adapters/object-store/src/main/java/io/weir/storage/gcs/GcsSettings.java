package io.weir.storage.gcs;

import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import java.net.URI;

/**
 * Where a bucket is and how to talk to it.
 *
 * @param endpoint of the JSON API
 * @param bucket existing bucket
 * @param prefix of every key in it
 * @param partBytes bytes of one request of a large file, a multiple of 256 KB; a file of up to that size is put whole
 * @param pageKeys keys of one page of a listing, 1 to 1,000
 */
public record GcsSettings(
        URI endpoint, String bucket, KeyPrefix prefix, ConnectionLimits connections, int partBytes, int pageKeys) {

    /** The public API. */
    public static final URI PUBLIC_ENDPOINT = URI.create("https://storage.googleapis.com");

    /** What the API wants every request of an upload but the last to be a multiple of. */
    public static final int PART_UNIT_BYTES = 256 << 10;

    public GcsSettings {
        if (partBytes <= 0 || partBytes % PART_UNIT_BYTES != 0) {
            throw new IllegalArgumentException(
                    "part size " + partBytes + " (expected: a multiple of " + PART_UNIT_BYTES + " bytes)");
        }
    }
}
