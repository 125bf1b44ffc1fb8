package io.weir.ingest.imports;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.CsvDecoder;
import io.weir.ingest.decode.CsvLayout;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.RowEnds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** What a file may be: how it is recognised, cut into pieces of whole rows, and decoded. */
enum ImportFormat {
    /** Line protocol. */
    LP {
        @Override
        ImportReader reader(ImportRequest request, byte[] head, int length) {
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
        ImportReader reader(ImportRequest request, byte[] head, int length) {
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
    };

    private static final byte[][] OTHERS = {
        "PAR1".getBytes(StandardCharsets.US_ASCII),
        "ARROW1".getBytes(StandardCharsets.US_ASCII),
        {'P', 'K', 3, 4},
        {0x1f, (byte) 0x8b},
        {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}
    };

    /**
     * What reads a file that begins with {@code head[0, length)}.
     *
     * @throws WeirException {@code invalid-request} when the file cannot be of this format
     */
    ImportReader open(ImportRequest request, byte[] head, int length) {
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
        return reader(request, head, length);
    }

    private WeirException wrong(String why) {
        return new WeirException(
                CommonError.INVALID_REQUEST,
                "the body is no " + (this == CSV ? "CSV" : "line protocol") + ": " + why + " (expected: text)",
                Map.of("format", word()));
    }

    abstract ImportReader reader(ImportRequest request, byte[] head, int length);

    String word() {
        return this == CSV ? "csv" : "lp";
    }
}
