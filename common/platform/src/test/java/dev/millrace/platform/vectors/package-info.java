/** Tests of the searches of vectors. */
@org.jspecify.annotations.NullMarked
package dev.millrace.platform.vectors;
