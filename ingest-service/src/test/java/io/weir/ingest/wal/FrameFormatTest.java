package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.wal.FrameFormat.FrameHeader;
import io.weir.ingest.wal.FrameFormat.SegmentHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FrameFormatTest {

    private static final UUID WAL_ID = new UUID(3, 4);

    @Test
    void aFrameBelongsToOneSegmentOfOneLog() {
        FrameHeader header = new FrameHeader(7, 100, 2, FrameFormat.KIND_APPEND);
        ByteBuffer bytes =
                ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN).position(8);
        FrameFormat.putFrameHeader(bytes, WAL_ID, 5, header);
        assertThat(FrameFormat.frameHeader(bytes, 8, WAL_ID, 5)).isEqualTo(header);
        assertThat(FrameFormat.frameHeader(bytes, 8, WAL_ID, 6)).isNull();
        assertThat(FrameFormat.frameHeader(bytes, 8, new UUID(3, 5), 5)).isNull();
    }

    @Test
    void noBitOfAHeaderMayDiffer() {
        ByteBuffer frame = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        FrameFormat.putFrameHeader(frame, WAL_ID, 5, new FrameHeader(7, 100, 2, FrameFormat.KIND_APPEND));
        ByteBuffer segment = FrameFormat.segmentHeader(new SegmentHeader(1, WAL_ID, 5, 7, 4096));
        for (int bit = 0; bit < 64 * 8; bit++) {
            if (bit < 40 * 8) {
                flip(frame, bit);
                assertThat(FrameFormat.frameHeader(frame, 0, WAL_ID, 5))
                        .as("bit %d", bit)
                        .isNull();
                flip(frame, bit);
            }
            flip(segment, bit);
            assertThat(FrameFormat.segmentHeader(segment)).as("bit %d", bit).isNull();
            flip(segment, bit);
        }
        assertThat(FrameFormat.segmentHeader(segment)).isEqualTo(new SegmentHeader(1, WAL_ID, 5, 7, 4096));
    }

    private static void flip(ByteBuffer bytes, int bit) {
        bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ 1 << bit % 8));
    }
}
