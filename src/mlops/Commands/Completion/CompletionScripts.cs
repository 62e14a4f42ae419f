namespace MlOps.Sdk.Tool;

/// <summary>
/// Scripts that ask the tool what may follow: it knows its commands, and reads runs and models from the workspace. Where it has nothing to
/// offer, the shell completes names of files.
/// </summary>
internal static class CompletionScripts
{
    private const string Bash = """
        _mlops() {
          local line
          COMPREPLY=()
          while IFS= read -r line; do
            [[ -n "$line" && "$line" == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
          done < <(mlops "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
        }
        complete -o default -o nosort -F _mlops mlops

        """;

    private const string Zsh = """
        _mlops() {
          local -a items
          items=("${(@f)$(mlops "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          items=(${items:#})
          if (( ${#items} )); then compadd -V mlops -- "${items[@]}"; else _files; fi
        }
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
        compdef _mlops mlops

        """;

    private const string Fish = """
        function __mlops_complete
          set -l line (commandline -cp)
          mlops "[suggest]" "$line" 2>/dev/null
        end
        complete -c mlops -k -a '(__mlops_complete)'

        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName mlops -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          mlops "[suggest:$cursorPosition]" "$commandAst" 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }

        """;

    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    public static string Of(string shell) => (shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    }).ReplaceLineEndings("\n");
}
