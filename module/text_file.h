/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TEXT_FILE_H
#define _MMSCOPE_TEXT_FILE_H

struct file;
struct mmscope_view;

int mmscope_text_open(struct file *file, struct mmscope_view *view,
		      const char *name);
struct mmscope_view *mmscope_text_view(struct file *file);

#endif
