"""A folder of pictures: what is done to all of them, the first one beforehand, and how it goes on."""
