#!/usr/bin/perl
use strict;
my $length = $ENV{CONTENT_LENGTH};
my $body = '';
if ($length) { read(STDIN, $body, $length) } elsif ($ENV{HTTP_TRANSFER_ENCODING}) { local $/; $body = <STDIN> }
print "Status: 201 Created\nContent-Type: text/plain\nX-Language: Perl\n\n";
print "$ENV{REQUEST_METHOD} " . ($ENV{PATH_INFO} // '') . " $ENV{QUERY_STRING}\n$body";
