/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax completion: scripts for shells. They ask the program itself at completion time (some milliseconds), so that
 * they never lag behind it: verbs and options from the helps, the rest from "completion words".
 */
#include "control/cli/cli.h"

#include "dsp/dsp.h"
#include "engine/params.h"

#include <stdio.h>
#include <string.h>

static const char bash_script[] =
    "# eval \"$(deadwax completion bash)\"\n"
    "_deadwax() {\n"
    "    local program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} cur=${COMP_WORDS[COMP_CWORD]} words=\n"
    "    local before=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        words=$(\"$program\" --help 2>/dev/null | sed -n 's/^  deadwax \\([a-z]*\\) .*/\\1/p')\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        words=$(\"$program\" \"$verb\" --help 2>/dev/null | grep -oE -e '--[a-z][a-z0-9-]*' | sort -u)\n"
    "    elif [[ $verb == ctl || $verb == params || $before == --set ]]; then\n"
    "        [[ $cur == /* || -z $cur ]] && words=$(\"$program\" completion words paths 2>/dev/null)\n"
    "        [[ $verb == ctl && $COMP_CWORD -eq 2 ]] && words=\"$words dump load pair ping\"\n"
    "        [[ $verb == ctl && $before == load ]] && words=\n"
    "    else\n"
    "        words=$(\"$program\" completion words \"$verb\" 2>/dev/null)\n"
    "    fi\n"
    "    [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
    "}\n"
    "complete -o default -F _deadwax deadwax\n";

static const char zsh_script[] =
    "#compdef deadwax\n"
    "# eval \"$(deadwax completion zsh)\" after compinit\n"
    "_deadwax() {\n"
    "    local program=${words[1]} verb=${words[2]} cur=${words[CURRENT]} before=${words[CURRENT-1]}\n"
    "    local -a found\n"
    "    if (( CURRENT == 2 )); then\n"
    "        found=(${(f)\"$($program --help 2>/dev/null | sed -n 's/^  deadwax \\([a-z]*\\) .*/\\1/p')\"})\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        found=(${(f)\"$($program $verb --help 2>/dev/null | grep -oE -e '--[a-z][a-z0-9-]*' | sort "
    "-u)\"})\n"
    "    elif [[ $verb == ctl && $before == load ]]; then\n"
    "        _files\n"
    "        return\n"
    "    elif [[ $verb == ctl || $verb == params || $before == --set ]]; then\n"
    "        found=(${(f)\"$($program completion words paths 2>/dev/null)\"})\n"
    "        [[ $verb == ctl ]] && (( CURRENT == 3 )) && found+=(dump load pair ping)\n"
    "    else\n"
    "        found=(${(f)\"$($program completion words $verb 2>/dev/null)\"})\n"
    "    fi\n"
    "    compadd -a found\n"
    "    _files\n"
    "}\n"
    "compdef _deadwax deadwax\n";

static const char fish_script[] =
    "# deadwax completion fish | source\n"
    "function __deadwax_options\n"
    "    set -l done (commandline -opc)\n"
    "    $done[1] $done[2] --help 2>/dev/null | string match -ra -- '--[a-z][a-z0-9-]*' | sort -u\n"
    "end\n"
    "function __deadwax_verbs\n"
    "    deadwax --help 2>/dev/null | sed -n 's/^  deadwax \\([a-z]*\\) .*/\\1/p'\n"
    "end\n"
    "complete -c deadwax -n __fish_use_subcommand -f -a '(__deadwax_verbs)'\n"
    "complete -c deadwax -n 'string match -q -- \"-*\" (commandline -ct); and not __fish_use_subcommand' "
    "-a '(__deadwax_options)'\n"
    "complete -c deadwax -n '__fish_seen_subcommand_from ctl params' -a '(deadwax completion words paths)'\n"
    "complete -c deadwax -n '__fish_seen_subcommand_from ctl' -a 'dump load pair ping'\n"
    "complete -c deadwax -n 'string match -q -- --set (commandline -opc)[-1]' -a '(deadwax completion words "
    "paths)'\n"
    "for verb in completion layout preset profile\n"
    "    complete -c deadwax -n \"__fish_seen_subcommand_from $verb\" -a \"(deadwax completion words "
    "$verb)\"\n"
    "end\n";

/* What the first word behind a verb may be. */
static const struct {
    const char *verb, *words[4];
} inside[] = {{"completion", {"bash", "zsh", "fish"}},
              {"layout", {"touchosc", "open-stage-control"}},
              {"preset", {"list", "show"}},
              {"profile", {"list", "show", "check", "learn"}}};

static void
print_words(const char *of)
{
    if (strcmp(of, "paths") == 0)
        for (int id = 0; id < params_count(); id++)
            puts(param_at(id)->path);
    for (size_t i = 0; i < LEN(inside); i++)
        for (size_t w = 0; strcmp(of, inside[i].verb) == 0 && w < LEN(inside[i].words) && inside[i].words[w];
             w++)
            puts(inside[i].words[w]);
}

static int
usage(FILE *out, int status)
{
    fputs("use: deadwax completion bash|zsh|fish      a script for the shell\n"
          "     deadwax completion words paths|VERB      what it asks for\n"
          "  bash: eval \"$(deadwax completion bash)\"    in ~/.bashrc\n"
          "  zsh:  eval \"$(deadwax completion zsh)\"     in ~/.zshrc, after compinit\n"
          "  fish: deadwax completion fish | source     in config.fish\n",
          out);
    return status;
}

int
completion_main(int argc, char **argv)
{
    static const struct {
        const char *shell, *script;
    } scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

    params_init();
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return usage(stdout, 0);
    if (argc == 3 && strcmp(argv[1], "words") == 0) {
        print_words(argv[2]);
        return 0;
    }
    for (size_t i = 0; i < LEN(scripts) && argc == 2; i++)
        if (strcmp(argv[1], scripts[i].shell) == 0) {
            fputs(scripts[i].script, stdout);
            return 0;
        }
    return usage(stderr, 2);
}
