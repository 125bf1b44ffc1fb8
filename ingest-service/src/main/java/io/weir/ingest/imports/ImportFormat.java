package io.weir.ingest.imports;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.CsvDecoder;
import io.weir.ingest.decode.CsvLayout;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.RowEnds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** What a file may be: how it is recognised, cut into pieces of whole rows, and decoded. */
enum ImportFormat {
    /** Line protocol. */
    LP {
        @Override
        ImportReader rows(ImportRequest request, byte[] head, int length) {
            return new ImportReader() {
                @Override
                public int headerBytes() {
                    return 0;
                }

                @Override
                public int rowsEnd(byte[] buffer, int bytes) {
                    return RowEnds.ofLines(buffer, bytes);
                }

                @Override
                public DecodedWrite decode(byte[] buffer, int bytes, DecodeOptions options, int firstLine) {
                    LineProtocolDecoder decoder = new LineProtocolDecoder(options, firstLine);
                    decoder.feed(buffer, 0, bytes);
                    return decoder.finish();
                }
            };
        }
    },

    /** CSV with a header row. */
    CSV {
        @Override
        ImportReader rows(ImportRequest request, byte[] head, int length) {
            CsvLayout layout = CsvLayout.of(
                    head, length, request.measurement(), request.timeColumn(), request.tags(), request.delimiter());
            int header = CsvLayout.headerBytes(head, length, request.delimiter());
            return new ImportReader() {
                @Override
                public int headerBytes() {
                    return header;
                }

                @Override
                public int rowsEnd(byte[] buffer, int bytes) {
                    return RowEnds.ofCsv(buffer, bytes, layout.delimiter());
                }

                @Override
                public DecodedWrite decode(byte[] buffer, int bytes, DecodeOptions options, int firstLine) {
                    return new CsvDecoder(layout, options, firstLine).decode(buffer, 0, bytes);
                }
            };
        }
    },

    /** Parquet, whoever wrote it. */
    PARQUET {
        @Override
        ImportSource open(ImportRequest request, Path file, ImportSettings settings) throws IOException {
            return ParquetSource.open(request, file, settings);
        }
    };

    private static final byte[][] OTHERS = {
        "PAR1".getBytes(StandardCharsets.US_ASCII),
        "ARROW1".getBytes(StandardCharsets.US_ASCII),
        {'P', 'K', 3, 4},
        {0x1f, (byte) 0x8b},
        {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}
    };

    /**
     * Opens a file, and checks what can be checked before rows are read. Blocks.
     *
     * @throws WeirException {@code invalid-request} when the file cannot be of this format
     */
    ImportSource open(ImportRequest request, Path file, ImportSettings settings) throws IOException {
        return TextSource.open(this, request, file, settings);
    }

    /**
     * What reads a file of text that begins with {@code head[0, length)}.
     *
     * @throws WeirException {@code invalid-request} when the file cannot be of this format
     */
    ImportReader reader(ImportRequest request, byte[] head, int length) {
        for (byte[] magic : OTHERS) {
            if (length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length)) {
                throw wrong("it is a binary file");
            }
        }
        for (int i = 0; i < length; i++) {
            if (head[i] == 0) {
                throw wrong("byte " + (i + 1) + " is 0");
            }
        }
        if (length == 0) {
            throw wrong("it is empty");
        }
        return rows(request, head, length);
    }

    private WeirException wrong(String why) {
        return new WeirException(
                CommonError.INVALID_REQUEST,
                "the body is no " + (this == CSV ? "CSV" : "line protocol") + ": " + why + " (expected: text)",
                Map.of("format", word()));
    }

    /** What reads a file of text that begins so, and is text. */
    ImportReader rows(ImportRequest request, byte[] head, int length) {
        throw new IllegalStateException(this + " is no text");
    }

    /** Whether the request says to which measurement the rows go. */
    boolean needsMeasurement() {
        return this != LP;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
