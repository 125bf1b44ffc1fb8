package io.weir.ingest.admission;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * How {@code weir.ingest.memory} is shared out; {@code weir.ingest.memory-*}. What is larger than that memory means all
 * of it.
 *
 * @param memoryPerOrganisation most bytes of one organisation, requests and unflushed rows together; beyond it the
 *     organisation's writes are answered 503. Default all of {@code weir.ingest.memory}
 * @param memoryPerRequest most bytes one request may need while it is decoded; a request that needs more is answered
 *     413. Default half of {@code weir.ingest.memory}
 * @param memoryForBuffers bytes of rows that wait for the log or for their files from which on requests are answered 503
 *     before their body is read. Default 80 % of {@code weir.ingest.memory}
 */
@ConfigurationProperties("weir.ingest")
public record AdmissionSettings(
        @Nullable DataSize memoryPerOrganisation,
        @Nullable DataSize memoryPerRequest,
        @Nullable DataSize memoryForBuffers) {

    /** The settings of a server that sets none. */
    public static final AdmissionSettings DEFAULT = new AdmissionSettings(null, null, null);

    private static final double REQUEST_SHARE = 0.5;
    private static final double BUFFER_SHARE = 0.8;

    public AdmissionSettings {
        require(memoryPerOrganisation, "memory-per-organisation");
        require(memoryPerRequest, "memory-per-request");
        require(memoryForBuffers, "memory-for-buffers");
    }

    long organisationBytes(long memoryBytes) {
        return bytes(memoryPerOrganisation, memoryBytes, 1);
    }

    long requestBytes(long memoryBytes) {
        return bytes(memoryPerRequest, memoryBytes, REQUEST_SHARE);
    }

    long bufferBytes(long memoryBytes) {
        return bytes(memoryForBuffers, memoryBytes, BUFFER_SHARE);
    }

    private static long bytes(@Nullable DataSize setting, long memoryBytes, double share) {
        return setting == null ? Math.max(1, (long) (memoryBytes * share)) : Math.min(memoryBytes, setting.toBytes());
    }

    private static void require(@Nullable DataSize size, String key) {
        if (size != null && size.toBytes() <= 0) {
            throw new IllegalArgumentException("weir.ingest." + key + " is " + size + " (expected: more than 0)");
        }
    }
}
