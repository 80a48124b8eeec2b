'use strict';

// Starts the program that was made for this machine, in the package for its platform, and ends as the program ends.

const { spawn } = require('child_process');
const os = require('os');
const path = require('path');
const { isatty } = require('tty');

const own = require('./package.json');
const platforms = require('./platforms.json');

function isForThisMachine(platform) {
  const isSystem = platform.os === process.platform && platform.cpu.includes(process.arch);
  return isSystem && (platform.libc === null || hasGlibc());
}

function hasGlibc() {
  const { header } = process.report ? process.report.getReport() : { header: {} };
  return Boolean(header.glibcVersionRuntime);
}

// The file with a program; the first package of those that fit is taken. Gives up with a message where there is none.
function find(name) {
  const fitting = platforms.filter(isForThisMachine);
  const having = fitting.filter((platform) => name in platform.programs);
  for (const platform of having) {
    try {
      const found = require.resolve(`${platform.package}/package.json`);
      return path.join(path.dirname(found), platform.programs[name]);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') {
        throw error;
      }
    }
  }
  const machine = `${process.platform} ${process.arch}`;
  if (having.length > 0) {
    const names = having.map((platform) => `\`${platform.package}\``).join(' or ');
    fail(
      `${own.name} for ${machine} is in the package ${names}, which is not installed`,
      'it is an optional dependency: install again without `--no-optional` or `--omit=optional`, and without a ' +
        'node_modules or a lock file from another system',
    );
  }
  if (fitting.length > 0) {
    fail(`${own.name} has no program \`${name}\` for ${machine}`);
  }
  const known = platforms.flatMap(({ os: system, cpu }) => cpu.map((each) => `${system} ${each}`));
  fail(`there is no ${own.name} for ${machine}`, `there is one for ${[...new Set(known)].join(', ')}`);
}

function fail(message, hint) {
  process.stderr.write(`error: ${message}\n${hint ? `hint: ${hint}\n` : ''}`);
  process.exit(1);
}

// From a terminal, and on Windows, these reach the program without help.
function comesFromTheTerminal(signal) {
  const isOfKeys = signal === 'SIGINT' || signal === 'SIGQUIT';
  return isOfKeys && (process.platform === 'win32' || [0, 1, 2].some((number) => isatty(number)));
}

module.exports = function launch(name) {
  const file = find(name);
  const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'];
  let program;
  // Before the program starts, so that none is lost.
  for (const signal of signals) {
    process.on(signal, () => {
      if (!comesFromTheTerminal(signal)) {
        program.kill(signal);
      }
    });
  }
  program = spawn(file, process.argv.slice(2), { stdio: 'inherit' });
  program.on('error', (error) => fail(`${own.name} cannot be started: ${error.message}`));
  program.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code);
    }
    signals.forEach((each) => process.removeAllListeners(each));
    // Should the signal not end this process, its code says the same.
    process.exitCode = 128 + os.constants.signals[signal];
    process.kill(process.pid, signal);
  });
};
