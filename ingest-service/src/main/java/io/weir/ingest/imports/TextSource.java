package io.weir.ingest.imports;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.RowEnds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of text: pieces are as many whole rows as fit into one chunk. Holds one chunk. */
final class TextSource implements ImportSource {

    private static final int LOOKAHEAD = 8;

    private final FileChannel file;
    private final ImportReader reader;
    private final byte[] buffer;
    private final int chunk;
    private final long fileBytes;
    private final int headerLines;
    private int bytes;

    private TextSource(FileChannel file, ImportReader reader, byte[] buffer, long fileBytes) {
        this.file = file;
        this.reader = reader;
        this.buffer = buffer;
        this.chunk = buffer.length - LOOKAHEAD;
        this.fileBytes = fileBytes;
        this.headerLines = RowEnds.newlines(buffer, 0, reader.headerBytes());
    }

    static TextSource open(ImportFormat format, ImportRequest request, Path path, ImportSettings settings)
            throws IOException {
        int chunk = (int) settings.chunk().toBytes();
        byte[] buffer = new byte[chunk + LOOKAHEAD];
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        TextSource opened = null;
        try {
            int length = ImportFiles.read(file, 0, ByteBuffer.wrap(buffer, 0, chunk));
            opened = new TextSource(file, format.reader(request, buffer, length), buffer, file.size());
            return opened;
        } finally {
            if (opened == null) {
                file.close();
            }
        }
    }

    @Override
    public ImportProgress start(ImportProgress done) {
        return done.offset() >= reader.headerBytes()
                ? done
                : new ImportProgress(reader.headerBytes(), 1 + headerLines, 0, 0);
    }

    @Override
    public boolean isDone(ImportProgress at) {
        return at.offset() >= fileBytes;
    }

    @Override
    public void load(ImportProgress from) throws IOException {
        int read = ImportFiles.read(file, from.offset(), ByteBuffer.wrap(buffer, 0, chunk));
        boolean last = from.offset() + read == fileBytes;
        bytes = last ? read : reader.rowsEnd(buffer, read);
        if (bytes == 0) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "the row at line " + from.line() + " is longer than " + chunk + " bytes (weir.import.chunk)");
        }
    }

    @Override
    public DecodedWrite decode(ImportProgress from, DecodeOptions options) {
        return reader.decode(buffer, bytes, options, from.line());
    }

    @Override
    public ImportProgress after(ImportProgress from, DecodedWrite rows) {
        return new ImportProgress(
                from.offset() + bytes,
                from.line() + RowEnds.newlines(buffer, 0, bytes),
                from.rowsStored() + rows.acceptedRows(),
                from.rowsRejected() + rows.rejectedRows());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
