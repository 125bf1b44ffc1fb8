package io.weir.storage.check;

/** Says why an object is no Parquet file that can be opened. Never leaves the package. */
final class DamagedFile extends Exception {

    private static final long serialVersionUID = 1L;

    DamagedFile(String why) {
        super(why);
    }
}
