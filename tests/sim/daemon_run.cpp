// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon_run.hpp"

#include "tests/sim/known_drift.hpp"
#include "tests/unit/temporary_folder.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace gnomon::simulation {

namespace {

std::string polling_options(const DaemonRun& run) {
  if (run.polling == Polling::every_64_s || (run.scenario.fixed_poll && run.polling == Polling::by_default))
    return " maxpoll 6";
  if (run.polling == Polling::every_16_s) return " minpoll 4 maxpoll 4";
  return run.polling == Polling::every_1024_s ? " minpoll 10" : "";
}

// As chrony writes it.
std::string drift_file_text(const DaemonRun& run) {
  const KnownDrift drift = known_drift(run.scenario.oscillator, run.seed);
  return fmt::format("{:20.6f} {:20.6f}\n", drift.frequency * 1e6, drift.deviation * 1e6);
}

std::string configuration(const DaemonRun& run, const testing::TemporaryFolder& folder) {
  std::string text = fmt::format("makestep 1 3\ncmdport 0\nbindcmdaddress /\npidfile {}\n", folder / "pid");
  if (run.start == Start::with_drift_file) text += fmt::format("driftfile {}\n", folder / "drift");
  for (std::size_t i = 1; i <= run.scenario.servers.size(); ++i)
    text += fmt::format("server 192.0.2.{} iburst{}{}\n", i, polling_options(run),
                        run.scenario.interleaved ? " xleave" : "");
  return text;
}

std::vector<std::string> command(const DaemonRun& run, const std::string& conf) {
  if (run.program == Program::chronyd) return {run.file, "-d", "-u", "root", "-F", "0", "-f", conf};
  return {run.file, "-d", "-f", conf};
}

std::vector<std::string> environment(const DaemonRun& run, const std::string& record) {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
          "TZ=UTC0",
          "LD_PRELOAD=" + beside("../sim/interpose/libgnomon-interpose.so"),
          "GNOMON_SIM_SCENARIO=" + run.scenario.name,
          fmt::format("GNOMON_SIM_SEED={}", run.seed),
          fmt::format("GNOMON_SIM_UNTIL={}", run.scenario.until),
          "GNOMON_SIM_OUTPUT=" + record};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (auto& w : words) result.push_back(w.data());
  result.push_back(nullptr);
  return result;
}

// The exit status; -1: it could not be started.
int execute(std::vector<std::string> words, std::vector<std::string> variables, const std::string& log) {
  const auto arguments = pointers(words);
  const auto settings = pointers(variables);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_CAPBSET_DROP, CAP_SYS_TIME);  // whatever happens, the machine's clock is out of reach
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvpe(arguments.front(), arguments.data(), settings.data());
    _exit(127);
  }
  ::close(output);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

std::vector<float> read_floats(const std::string& path) {
  std::vector<float> floats(std::filesystem::file_size(path) / sizeof(float));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(floats.data()),
            static_cast<std::streamsize>(floats.size() * sizeof(float)));
  return floats;
}

}  // namespace

std::string beside(const std::string& path) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / path).lexically_normal();
}

std::optional<Result> run_daemon(const DaemonRun& run) {
  const testing::TemporaryFolder folder;
  const std::string conf = folder / "conf";
  const std::string record = folder / "record";
  std::ofstream(conf) << configuration(run, folder);
  if (run.start == Start::with_drift_file) std::ofstream(folder / "drift") << drift_file_text(run);
  const int status = execute(command(run, conf), environment(run, record), folder / "log");
  if (status != 0 || !std::filesystem::exists(record)) {
    std::ifstream log(folder / "log");
    fmt::print(stderr, "{}, scenario {}, seed {}: ended early (status {})\n{}\n", run.file, run.scenario.name,
               run.seed, status, std::string(std::istreambuf_iterator<char>(log), {}));
    return std::nullopt;
  }
  const auto floats = read_floats(record);
  Figures figures(run.scenario.settle);
  for (std::size_t i = 0; i + 2 < floats.size(); i += 3)
    figures.add(static_cast<double>(floats[i]), static_cast<double>(floats[i + 1]));
  return std::move(figures).result(floats.empty() ? 0 : static_cast<std::uint64_t>(floats.back()));
}

}  // namespace gnomon::simulation
