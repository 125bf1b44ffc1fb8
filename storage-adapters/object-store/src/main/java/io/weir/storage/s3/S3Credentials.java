package io.weir.storage.s3;

/**
 * How the store proves who it is. Secrets are in no text.
 */
public sealed interface S3Credentials {

    /**
     * A fixed key.
     *
     * @param sessionToken of temporary keys, else empty
     */
    record Static(String accessKey, String secretKey, String sessionToken) implements S3Credentials {
        @Override
        public String toString() {
            return "static key " + accessKey;
        }
    }

    /** A profile of the shared configuration files. */
    record Profile(String name) implements S3Credentials {}

    /** A token file and a role, as the environment variables of IRSA name them; asked anew before it expires. */
    record WebIdentity() implements S3Credentials {}

    /** The role of the instance or container; asked anew before it expires. */
    record Instance() implements S3Credentials {}

    /** The first of environment, web identity, profile, container and instance that there is. */
    record Chain() implements S3Credentials {}
}
