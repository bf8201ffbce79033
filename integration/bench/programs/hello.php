<?php
header('Content-Type: text/plain');
switch ($_SERVER['REQUEST_URI']) {
case '/16k':
case '/1m':
	$n = $_SERVER['REQUEST_URI'] === '/1m' ? 1 << 20 : 16 << 10;
	header("Content-Length: $n");
	echo str_repeat('0123456789abcdef', $n >> 4);
	break;
case '/upload':
	$in = fopen('php://input', 'r');
	while (fread($in, 8192) !== '' && !feof($in));
	// fall through
default:
	header('Content-Length: 13');
	echo 'Hello, World!';
}
