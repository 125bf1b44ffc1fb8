package io.weir.ingest.compaction.run;

import io.weir.storage.catalog.DataFile;
import java.util.List;

/**
 * What a merge did.
 *
 * @param inputs files that are replaced: as many of those asked for as fitted into memory
 * @param output file that is there instead
 */
public record MergeOutcome(List<DataFile> inputs, DataFile output) {}
