package io.weir.standalone.cli;

/**
 * How a store is to be checked.
 *
 * @param server data directory, configuration file and settings of the server whose store it is; its port is of no use
 * @param checksums whether objects are read whole and compared with the checksum they were put with
 * @param repair whether orphans are removed
 * @param dropMissing whether a repair drops files that the store lost from the catalog
 */
public record StorageCheckOptions(ServeOptions server, boolean checksums, boolean repair, boolean dropMissing) {}
