package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.compress.DecompressionLimits;
import io.weir.common.compress.Decompressor;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.admission.RequestSize;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.json.NdjsonDecoder;
import io.weir.ingest.decode.json.RowDefaults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

/** docs/adr/0007: which bodies an event loop reads by itself. Invariant 4. */
class BodySessionTest {

    private static final long LIMIT = 64 << 20;
    private static final byte[] LINE = "m v=1\n".getBytes(StandardCharsets.UTF_8);
    private static final DecodeOptions OPTIONS = DecodeOptions.of(Precision.NANOSECOND, 7);

    private final Admission admission = new Admission(LIMIT, AdmissionSettings.DEFAULT, LIMIT, organisation -> {});

    @AfterEach
    void everythingIsGivenBack() {
        assertThat(admission.process().usedBytes()).isZero();
    }

    private BodySession session(BodyDecoder decoder, @Nullable String encoding) {
        RequestMemory memory = admission.admit("acme", new RequestSize(100, 0, 0));
        memory.entrust();
        Decompressor decompressor = Decompressor.open(encoding, DecompressionLimits.ofOutput(LIMIT), memory);
        return new BodySession(decompressor, decoder, memory, LIMIT, null);
    }

    private static DataBuffer buffer(byte[] bytes) {
        return DefaultDataBufferFactory.sharedInstance.wrap(bytes);
    }

    @Test
    void plainLineProtocolIsReadAndFinishedWhereItArrives() {
        try (BodySession session = session(new LineProtocolDecoder(OPTIONS), null)) {
            assertThat(session.endsInPlace()).isFalse();
            assertThat(session.readsInPlace(buffer(LINE))).isTrue();
            session.accept(buffer(LINE));
            assertThat(session.endsInPlace()).isTrue();
        }
    }

    @Test
    void aLongBodyIsFinishedByAWorker() {
        try (BodySession session = session(new LineProtocolDecoder(OPTIONS), "identity")) {
            assertThat(session.readsInPlace(buffer(LINE))).isTrue();
            byte[] comments = new byte[1 << 20];
            Arrays.fill(comments, (byte) '\n');
            for (int i = 0; i < 4; i++) {
                session.accept(buffer(comments));
            }
            assertThat(session.endsInPlace()).isTrue();
            session.accept(buffer(LINE));
            assertThat(session.endsInPlace()).isFalse();
        }
    }

    @Test
    void messagePackIsCollectedWhereItArrivesAndReadByAWorker() {
        try (BodySession session = session(new MessagePackDecoder(OPTIONS.withBodyBytes(4 << 20)), null)) {
            assertThat(session.readsInPlace(buffer(new byte[] {(byte) 0x83, 1, 2, 3})))
                    .isTrue();
            assertThat(session.endsInPlace()).isFalse();
        }
    }

    @Test
    void whatIsCompressedOrDearOrUnknownIsReadByAWorker() throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(LINE);
        }
        try (BodySession said = session(new LineProtocolDecoder(OPTIONS), "gzip");
                BodySession told = session(new LineProtocolDecoder(OPTIONS), null);
                BodySession unsaid = session(new LineProtocolDecoder(OPTIONS), "deflate");
                BodySession cut = session(new LineProtocolDecoder(OPTIONS), null);
                BodySession empty = session(new LineProtocolDecoder(OPTIONS), null);
                BodySession endless = session(new MessagePackDecoder(OPTIONS), null);
                BodySession large = session(new MessagePackDecoder(OPTIONS.withBodyBytes((4 << 20) + 1)), null);
                BodySession json = session(new NdjsonDecoder(OPTIONS, RowDefaults.ofParameters("m", null)), null)) {
            assertThat(said.readsInPlace(buffer(gzip.toByteArray()))).isFalse();
            assertThat(told.readsInPlace(buffer(gzip.toByteArray()))).isFalse();
            assertThat(unsaid.readsInPlace(buffer(LINE))).isFalse();
            assertThat(cut.readsInPlace(buffer(new byte[] {0x1f}))).isFalse();
            assertThat(empty.readsInPlace(null)).isFalse();
            assertThat(endless.readsInPlace(buffer(new byte[] {(byte) 0x83, 1, 2, 3})))
                    .isFalse();
            assertThat(large.readsInPlace(buffer(new byte[] {(byte) 0x83, 1, 2, 3})))
                    .isFalse();
            assertThat(json.readsInPlace(buffer("{}\n".getBytes(StandardCharsets.UTF_8))))
                    .isFalse();
        }
    }
}
