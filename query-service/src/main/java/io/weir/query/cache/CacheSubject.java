package io.weir.query.cache;

import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What is asked, by everything that has a part in the bytes of the answer but the rows themselves. There is none without an
 * organisation.
 *
 * @param organisation whose data it reads
 * @param database where measurements without a database are
 * @param statement the statement, as text or as {@link io.weir.query.plan.StatementForm#digest}
 * @param parameters values of its parameters
 * @param format of the result
 * @param numbers how JSON shows numbers
 * @param maxRows rows that the client wants at most
 * @param compression of the bytes that are sent
 */
record CacheSubject(
        String organisation,
        String database,
        String statement,
        QueryParameters parameters,
        ResultFormat format,
        NumberForm numbers,
        long maxRows,
        ResultCompression compression) {

    private static final int ID_BYTES = 16;

    CacheSubject {
        if (organisation.isBlank()) {
            throw new IllegalArgumentException("what is kept belongs to an organisation, and none is named");
        }
    }

    /** The same, named by another text for the statement. */
    CacheSubject of(String otherStatement) {
        return new CacheSubject(
                organisation, database, otherStatement, parameters, format, numbers, maxRows, compression);
    }

    /** What users call it by: 32 hexadecimal digits. */
    String id() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Heap that it takes, about. */
    long sizeBytes() {
        return 2L * (organisation.length() + database.length() + statement.length() + parameters.length()) + 200;
    }
}
