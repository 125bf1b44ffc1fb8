package io.weir.ingest.decode.arrow;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.Precision;
import java.util.List;
import java.util.Random;

/** Batches that live requests would log, for tests of what comes after decoding. */
public final class ArrowSamples {

    private ArrowSamples() {}

    /** What that random stream decodes to; nothing when it is one that is refused. */
    public static List<ColumnBatch> batches(long seed) {
        RandomStream stream = new RandomStream(new Random(seed));
        DecodeOptions options = new DecodeOptions(
                Precision.NANOSECOND, 1_650_000_000_123_456_789L, m -> stream.stored, DecodeLimits.DEFAULT, d -> {});
        ArrowStreamDecoder decoder = new ArrowStreamDecoder(options, new ArrowParameters("m", stream.tags, 1 << 20));
        try {
            decoder.feed(stream.bytes, 0, stream.bytes.length);
            return decoder.finish().batches();
        } catch (WeirException refused) {
            return List.of();
        }
    }
}
