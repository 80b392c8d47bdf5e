-- owner: domain/engagement
-- Lists of needs: of a county, with a theme or without, and of a theme, the
-- newest first. A county's needs lie together whatever their town, so that a
-- page of its list is read in order and its total counted within the index.
-- +goose Up
CREATE INDEX need_county_theme ON need (substr(region, 1, 6), theme, posted_at, id);
CREATE INDEX need_county_posted ON need (substr(region, 1, 6), posted_at, id);
CREATE INDEX need_theme_posted ON need (theme, posted_at, id);
-- +goose Down
DROP INDEX need_theme_posted;
DROP INDEX need_county_posted;
DROP INDEX need_county_theme;
