#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What bash, zsh and fish themselves offer behind the beginning of a gnomonctl line: the same in all three.

Arguments: the folder with the three generated files."""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

COMPLETIONS = pathlib.Path(sys.argv[1]).resolve()
# A line, and all that is offered in the place of its last word. gnomonctl itself is played: its one source is
# a.example, among names that only a compromised daemon has.
LINES = {
    "track": "tracking",
    "--so": "--socket",
    "--socket clo": "clock.html",
    "-h ": "",
    "events --s": "--since",
    "events --follow --s": "--since",  # wherever it stands
    "--socket here -N events --utc --s": "--since",
    "-h events tracking --s": "",  # of an option before the command it is the value
    "events --since ": "",  # a time is for the user to say
    "events --lines ": "",
    "report --since 2h -o cl": "clock.html",
    "record --force cl": "clock.html",
    "record --for 1h --fo": "--for --force",
    "check-config cl": "clock.html",
    "check-config --r": "--resolve",
    "probe --trusted cl": "clock.html",
    "probe --nts --no": "--no-burst --no-nts",
    "explain ": "a.example",
    "ntpdata a": "a.example",
    "minpoll ": "a.example",
    "selectopts a": "a.example",
    "-c ntpdata a": "a.example",
    "help rep": "report",
    "help tracking rep": "report",
    "manual re": "reset",
    "add po": "pool",
    "metrics ": "openmetrics prometheus",
    "tracking ": "",
}
HOSTILE = ["$(touch ran)", "`touch ran`", "a$(touch ran)", "${x:=`touch ran`}", "a;touch${IFS}ran", "a'$(touch ran)'", "--socket=/evil", "-x",
           "~", "*", "a b", "\\", "(touch ran)", "a\x1b[2J", "e\u0301"]

BASH = r"""
source "$1/gnomonctl"; shift
gnomonctl() { cat .played; }
for line; do
  read -r -a COMP_WORDS <<<"gnomonctl $line"
  [[ -z $line || $line == *' ' ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  _gnomonctl
  echo "${COMPREPLY[@]}"
done
"""

FISH = r"""
source $argv[1]/gnomonctl.fish
function gnomonctl; cat .played; end
for line in $argv[2..]
    # fish 4 offers what merely contains the letters as well, behind what begins with them.
    set -l word (string split ' ' -- $line)[-1]
    echo (complete -C "gnomonctl $line" | string replace -r '\t.*' '' | string match -- "$word*")
end
"""

# zsh completes only for a line editor, which wants a terminal.
ZSH = r"""
zmodload zsh/zpty || exit 77
found=$PWD/.found
cat >.setup <<'END'
PROMPT= RPROMPT=
autoload -Uz compinit && compinit -u -D
autoload -Uz _gnomonctl && compdef _gnomonctl gnomonctl
gnomonctl() { cat .played }
compadd() {
  # What only asks what would fit adds nothing.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -O hits "$@"
  print -rl -- $hits >>.found
  builtin compadd "$@"
}
offer() { _main_complete; print -r -- . >>.found; compstate[insert]= compstate[list]= }
zle -C offer complete-word offer
bindkey '^I' offer
END
zpty shell zsh -f -i
wait_for_end() {
  repeat 600; do
    [[ -e $found && $(tail -n 1 $found) == . ]] && return
    sleep 0.05
  done
  print -u2 "zsh does not answer"; exit 1
}
zpty -w shell "fpath=($1 \$fpath); source .setup; print -r -- . >>.found"
wait_for_end
shift
for line; do
  : >$found
  zpty -w -n shell "gnomonctl $line"$'\t'
  wait_for_end
  print -r -- ${(uf)"$(grep -vx '\.' $found)"}
  zpty -w -n shell $'\x15'
done
zpty -d shell
"""

# At a terminal, with the line editor: the one word that is offered is inserted, and Return runs the line.
TYPED = r"""
PS1=
bind 'set enable-bracketed-paste off'
source "$COMPLETION"
gnomonctl() { if [[ $1 == explain ]]; then echo "<${*:2}>"; else cat .played; fi; }
echo rea''dy
"""

SHELLS = {"bash": ("bash", "-c", BASH, "bash"), "zsh": ("zsh", "-f", "-c", ZSH, "zsh"), "fish": ("fish", "--no-config", "-c", FISH)}


def play(folder):
    """What gnomonctl prints in that folder."""
    pathlib.Path(folder, ".played").write_text("".join(f"^,*,{name},1,6,377\n" for name in ["a.example", *HOSTILE]), encoding="utf-8")


def typed(folder):
    """What bash prints when a user presses Tab and Return behind `gnomonctl explain `."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**os.environ, "COMPLETION": str(COMPLETIONS / "gnomonctl"),
                                                                    "INPUTRC": "/dev/null", "HISTFILE": "/dev/null"})
    try:
        os.write(terminal, TYPED.encode())
        read_until(terminal, b"ready")
        os.write(terminal, b"gnomonctl explain \t\n")
        return read_until(terminal, b">")
    finally:
        os.close(terminal)
        os.waitpid(process, 0)


def read_until(terminal, end):
    got, limit = b"", time.monotonic() + 60
    while end not in got and time.monotonic() < limit:
        if select.select([terminal], [], [], 1)[0]:
            got += os.read(terminal, 4096)
    return got


class Completions(unittest.TestCase):
    def offered(self, shell, lines):
        """For each line the words, in alphabetical order."""
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "clock.html").touch()
            play(folder)
            done = subprocess.run((*SHELLS[shell], COMPLETIONS, *lines), cwd=folder, capture_output=True, text=True, timeout=120,
                                  check=False)
            self.assertFalse(pathlib.Path(folder, "ran").exists(), "a name of the daemon's was run")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return dict(zip(lines, (" ".join(sorted(line.split())) for line in done.stdout.split("\n")), strict=False))

    def test_each_shell_offers_the_same(self):
        for shell in SHELLS:
            with self.subTest(shell):
                self.assertEqual(LINES, self.offered(shell, LINES))

    def test_a_compromised_daemon_runs_nothing_in_the_shell_of_who_presses_tab(self):
        with tempfile.TemporaryDirectory() as folder:
            play(folder)
            self.assertIn(b"<a.example>", typed(folder))
            self.assertFalse(pathlib.Path(folder, "ran").exists(), "a name of the daemon's was run")

    def test_all_commands_and_options_are_offered_at_first(self):
        beginnings = "", "--"
        wanted = self.offered("bash", beginnings)
        self.assertIn("why-not-synchronised", wanted[""])
        self.assertIn("--json", wanted["--"])
        commands = [word for word in wanted[""].split() if not word.startswith("-")]
        for shell in "zsh", "fish":
            with self.subTest(shell):
                offered = self.offered(shell, beginnings)
                self.assertEqual(wanted["--"], offered["--"])
                self.assertEqual(commands, [word for word in offered[""].split() if not word.startswith("-")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
