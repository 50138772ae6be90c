/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * convolver_multiply: the convolver's inner loop for one width of vector. convolver.c includes it once for
 * each, with
 *
 *   BYTES     of a vector: 16, 32, 64
 *   TARGET    the attribute that lets gcc use it
 *   NAMED(x)  x with the width in its name
 *
 * clones.h won't do here: gcc makes a vector that is wider than the CPU's into more loads and stores than
 * there are numbers, 3.7 times slower than one that fits.
 */

typedef double NAMED(vector) __attribute__((vector_size(BYTES), may_alias));

#define VECTOR(p)       (*(NAMED(vector) *)(p))
#define CONST_VECTOR(p) (*(const NAMED(vector) *)(p))

/* Adds n partitions of BYTES of the LANES bins to the two sums. */
TARGET INLINE void
NAMED(lanes)(const double *const h[2], const double *const x[2], int n, double *const sum[2], int l,
             enum kind kind)
{
    const double *h0 = h[0] + l, *h1 = h[1] + l, *x0 = x[0] + l, *x1 = x[1] + l;
    double *s0 = sum[0] + l, *s1 = sum[1] + l;
    NAMED(vector) re0 = VECTOR(s0), im0 = VECTOR(s0 + LANES), re1 = VECTOR(s1), im1 = VECTOR(s1 + LANES);

    for (int p = 0; p < n * GROUP; p += GROUP) {
        NAMED(vector) a = CONST_VECTOR(x0 + p), b = CONST_VECTOR(x0 + p + LANES);
        NAMED(vector) c = CONST_VECTOR(x1 + p), d = CONST_VECTOR(x1 + p + LANES);
        NAMED(vector) u = CONST_VECTOR(h0 + p), v = CONST_VECTOR(h0 + p + LANES);

        if (kind == MID_SIDE) {
            NAMED(vector) re = a, im = b;

            a = re + c;
            b = im + d;
            c = re - c;
            d = im - d;
        }
        re0 += u * a - v * b;
        im0 += u * b + v * a;
        if (kind != SHARED) {
            u = CONST_VECTOR(h1 + p);
            v = CONST_VECTOR(h1 + p + LANES);
        }
        re1 += u * c - v * d;
        im1 += u * d + v * c;
    }
    VECTOR(s0) = re0;
    VECTOR(s0 + LANES) = im0;
    VECTOR(s1) = re1;
    VECTOR(s1 + LANES) = im1;
}

TARGET static void
NAMED(multiply)(const double *const h[2], const double *const x[2], int n, double *const sum[2],
                enum kind kind)
{
    for (int l = 0; l < LANES; l += BYTES / (int)sizeof(double)) {
        if (kind == SHARED)
            NAMED(lanes)(h, x, n, sum, l, SHARED);
        else if (kind == MID_SIDE)
            NAMED(lanes)(h, x, n, sum, l, MID_SIDE);
        else
            NAMED(lanes)(h, x, n, sum, l, APART);
    }
}

#undef VECTOR
#undef CONST_VECTOR
#undef BYTES
#undef TARGET
#undef NAMED
