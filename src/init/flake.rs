//! The text of a flake that takes Sealift as an input.

use super::address::Address;
use super::survey::Facts;

/// Writes the flake, as nixfmt formats it.
pub(super) fn text(facts: &Facts, sealift: &Address) -> String {
    format!(
        "\
{{
  description = {};

  inputs.sealift.url = {};

  outputs =
    {{ self, sealift, ... }}:
    sealift.lib.mkFlake {{
      inherit self;
      src = ./.;
    }};
}}
",
        quoted(facts.package.summary.text()),
        quoted(sealift.as_str()),
    )
}

/// What a flake that is there already needs to have.
pub(super) fn to_merge(sealift: &Address) -> String {
    format!(
        "\
inputs.sealift.url = {};
outputs = {{ self, sealift, ... }}:
  sealift.lib.mkFlake {{ inherit self; src = ./.; }} // {{ /* the outputs that it has now */ }};
",
        quoted(sealift.as_str())
    )
}

/// A string of the Nix language (Nix manual, "String literal"), where `${` would begin an expression.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_code() {
        assert_eq!(quoted(r#"a "b" \c ${d} $e"#), r#""a \"b\" \\c \${d} $e""#);
    }
}
