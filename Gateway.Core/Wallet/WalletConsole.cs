namespace Xmtp.Gateway.Wallet;

/// <summary>The terminal of a command: results go to the output, plans, questions and progress to the errors.</summary>
/// <param name="Input">The answers to questions.</param>
/// <param name="Output">The result, for programs and people.</param>
/// <param name="Errors">Everything else.</param>
/// <param name="IsTerminal">Whether the input is the console of this process, where a password can be typed unseen.</param>
internal sealed record WalletConsole(TextReader Input, TextWriter Output, TextWriter Errors, bool IsTerminal)
{
    /// <summary>The given ends; the console's own where null.</summary>
    public static WalletConsole Of(TextReader? input, TextWriter? output, TextWriter? errors) =>
        new(input ?? Console.In, output ?? Console.Out, errors ?? Console.Error, input is null && !Console.IsInputRedirected);

    /// <summary>Writes a line of progress.</summary>
    public async Task TellAsync(string line)
    {
        await Errors.WriteLineAsync(line).ConfigureAwait(false);
        await Errors.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Asks whether to go on; an input that ended is a no.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        await Errors.WriteAsync($"{question} [y/N] ").ConfigureAwait(false);
        await Errors.FlushAsync(cancellationToken).ConfigureAwait(false);
        var answer = await Input.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        return answer?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    /// <summary>Reads a password; what is typed at a terminal is not shown. Null when the input ended.</summary>
    public async Task<string?> ReadPasswordAsync(string question, CancellationToken cancellationToken)
    {
        await Errors.WriteAsync(question + " ").ConfigureAwait(false);
        await Errors.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!IsTerminal) return await Input.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0) typed.Length--;
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        await Errors.WriteLineAsync().ConfigureAwait(false);
        return typed.ToString();
    }
}
