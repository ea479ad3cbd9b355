// SPDX-License-Identifier: GPL-2.0-only
/*
 * capture.c - see capture.h.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pcap/pcap.h>

#include "../common/cleanup.h"

#define NS_PER_S 1000000000LL

/* Virtual time must fit 40 bits of milliseconds; a capture that claims to last longer is held at its end. */
#define TIME_MAX_NS (((1ULL << 40) - 1) * 1000000ULL - CAPTURE_START_NS)

struct capture {
	pcap_t *pcap;
	FILE *file; /* owned by pcap once that is open */
	uint64_t size;
	uint64_t number;
	int64_t first_ns;
	uint64_t time_ns;
};

static FILE *open_file(const char *path)
{
	return strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
}

static int check_link_type(pcap_t *pcap, const char *path, char error[CAPTURE_ERROR_MAX])
{
	int type = pcap_datalink(pcap);
	const char *name = pcap_datalink_val_to_name(type);

	if (type == DLT_EN10MB)
		return 0;
	snprintf(error, CAPTURE_ERROR_MAX,
		 "%s: link type %s (%d): only Ethernet captures can be replayed, because devices are known by MAC "
		 "address; capture on the bridge or one of its ports, not on `any'",
		 path, name ? name : "unknown", type);
	return -EINVAL;
}

int capture_open(const char *path, struct capture **ret_capture, char error[CAPTURE_ERROR_MAX])
{
	struct capture *capture AUTO_CAPTURE = calloc(1, sizeof(*capture));
	FILE *file AUTO_FCLOSE = NULL;
	char reason[PCAP_ERRBUF_SIZE];
	struct stat status;
	int r;

	if (!capture)
		return -ENOMEM;
	file = open_file(path);
	if (!file) {
		r = -errno;
		snprintf(error, CAPTURE_ERROR_MAX, "%s: %s", path, strerror(-r));
		return r;
	}
	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
		capture->size = (uint64_t)status.st_size;
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!capture->pcap) {
		snprintf(error, CAPTURE_ERROR_MAX, "%s: not a capture file: %s", path, reason);
		return -EINVAL;
	}
	capture->file = TAKE_PTR(file);
	r = check_link_type(capture->pcap, path, error);
	if (r)
		return r;
	*ret_capture = TAKE_PTR(capture);
	return 0;
}

static uint64_t virtual_time(struct capture *capture, int64_t wall_ns)
{
	uint64_t passed;

	if (capture->number == 1)
		capture->first_ns = wall_ns;
	passed = wall_ns > capture->first_ns ? (uint64_t)wall_ns - (uint64_t)capture->first_ns : 0;
	if (passed > TIME_MAX_NS)
		passed = TIME_MAX_NS;
	if (passed + CAPTURE_START_NS > capture->time_ns)
		capture->time_ns = passed + CAPTURE_START_NS;
	return capture->time_ns;
}

/* pcapng has room for times that no clock says and 64 bits of nanoseconds do not hold: those are held at the end of the year 2261, or at 1970. */
#define WALL_MAX_S 9214646400LL

static int64_t wall_time(const struct pcap_pkthdr *header)
{
	const int64_t seconds = header->ts.tv_sec, rest = header->ts.tv_usec; /* nanoseconds, as was asked for */

	if (seconds < 0 || rest < 0)
		return 0;
	if (seconds >= WALL_MAX_S || rest >= NS_PER_S)
		return WALL_MAX_S * NS_PER_S;
	return seconds * NS_PER_S + rest;
}

int capture_next(struct capture *capture, struct capture_frame *ret_frame, char error[CAPTURE_ERROR_MAX])
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int r = pcap_next_ex(capture->pcap, &header, &bytes);

	if (r == PCAP_ERROR_BREAK)
		return 0;
	if (r != 1) {
		snprintf(error, CAPTURE_ERROR_MAX, "the capture is damaged after frame %llu: %s",
			 (unsigned long long)capture->number, pcap_geterr(capture->pcap));
		return -EIO;
	}
	capture->number++;
	*ret_frame = (struct capture_frame){
		.bytes = bytes,
		.cap_len = header->caplen,
		.wire_len = header->len > header->caplen ? header->len : header->caplen,
		.number = capture->number,
		.wall_ns = wall_time(header),
	};
	ret_frame->time_ns = virtual_time(capture, ret_frame->wall_ns);
	return 1;
}

uint64_t capture_position(const struct capture *capture, uint64_t *ret_size)
{
	long at = capture->size ? ftell(capture->file) : 0;

	*ret_size = capture->size;
	return at > 0 ? (uint64_t)at : 0;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap); /* closes the file, too */
	free(capture);
}
