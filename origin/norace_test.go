//go:build !race

package origin

const raceDetector = false
