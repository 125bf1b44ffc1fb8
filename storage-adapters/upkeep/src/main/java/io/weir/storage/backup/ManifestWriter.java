package io.weir.storage.backup;

import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.object.Checksum;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;

/** Writes a manifest into a file, line after line. Blocks; for one thread at a time. */
final class ManifestWriter implements Closeable {

    private static final int BUFFER_BYTES = 64 << 10;

    private final OutputStream out;
    private final CRC32C crc = new CRC32C();
    private BackupContents contents = BackupContents.NONE;

    ManifestWriter(Path file) throws IOException {
        out = new GZIPOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
    }

    void header(ManifestLine.Header header) throws IOException {
        line(header);
    }

    void row(CatalogRow row) throws IOException {
        contents = contents.and(row);
        line(new ManifestLine.OfRow(row));
    }

    void file(ManifestLine.OfFile file) throws IOException {
        contents = contents.and(file.row());
        line(file);
    }

    /** Writes the last line and closes the file. */
    BackupContents end() throws IOException {
        line(new ManifestLine.End(contents, Checksum.of(crc)));
        close();
        return contents;
    }

    private void line(ManifestLine line) throws IOException {
        byte[] bytes = (ManifestJson.write(line) + "\n").getBytes(StandardCharsets.UTF_8);
        crc.update(bytes);
        out.write(bytes);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
