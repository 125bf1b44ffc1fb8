package io.weir.storage.setup;

/** Kinds of stores. */
public enum StoreType {
    /** Files under the data directory. */
    LOCAL,
    /** AWS, or what speaks its protocol. */
    S3,
    /** S3 with the defaults of MinIO: an endpoint, the bucket in the path, any region. */
    MINIO,
    /** Google Cloud Storage. */
    GCS
}
