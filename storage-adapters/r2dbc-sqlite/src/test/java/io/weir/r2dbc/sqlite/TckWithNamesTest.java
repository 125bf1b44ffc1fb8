package io.weir.r2dbc.sqlite;

/** The test kit with {@code :name} and parameters bound by name. */
class TckWithNamesTest extends TckFixture<String> {
    @Override
    public String getPlaceholder(int index) {
        return ":name" + index;
    }

    @Override
    public String getIdentifier(int index) {
        return "name" + index;
    }
}
