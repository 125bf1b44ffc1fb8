package io.weir.storage.parquet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** Reads a data file with parquet-java, page checksums verified. */
final class ParquetJavaReader {

    private ParquetJavaReader() {}

    static ParquetFileReader open(Path file, PageCodecs codecs) throws IOException {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(codecs)
                .usePageChecksumVerification(true)
                .build();
        return ParquetFileReader.open(new LocalInputFile(file), options);
    }

    static ParquetMetadata footer(Path file) throws IOException {
        try (PageCodecs codecs = new PageCodecs(1);
                ParquetFileReader reader = open(file, codecs)) {
            return reader.getFooter();
        }
    }

    /** Cells by row; columns in file order, like {@link Point#cells}. */
    static List<List<Object>> rows(Path file) throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        try (PageCodecs codecs = new PageCodecs(1);
                ParquetFileReader reader = open(file, codecs)) {
            MessageType schema = reader.getFileMetaData().getSchema();
            for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
                RecordReader<Group> records = new ColumnIOFactory()
                        .getColumnIO(schema)
                        .getRecordReader(pages, new GroupRecordConverter(schema));
                for (long row = 0; row < pages.getRowCount(); row++) {
                    rows.add(cells(records.read(), schema));
                }
            }
        }
        return rows;
    }

    private static List<Object> cells(Group group, MessageType schema) {
        Object[] cells = new Object[schema.getFieldCount()];
        for (int i = 0; i < cells.length; i++) {
            if (group.getFieldRepetitionCount(i) > 0) {
                cells[i] = switch (schema.getType(i).asPrimitiveType().getPrimitiveTypeName()) {
                    case INT32 -> group.getInteger(i, 0);
                    case INT64 -> group.getLong(i, 0);
                    case DOUBLE -> "bits " + Double.doubleToLongBits(group.getDouble(i, 0));
                    case BOOLEAN -> group.getBoolean(i, 0);
                    case BINARY -> group.getString(i, 0);
                    default -> throw new IllegalStateException("unexpected type in " + schema);
                };
            }
        }
        return Arrays.asList(cells);
    }
}
