package io.weir.ingest.rewrite;

import java.nio.file.Path;

/**
 * Where rewriting works.
 *
 * @param data absolute directory in which data files are local
 * @param spill absolute directory of the engine alone, emptied when it is opened
 */
public record RewriteDirectories(Path data, Path spill) {}
