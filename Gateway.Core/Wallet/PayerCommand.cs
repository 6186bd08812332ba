using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Wallet;

/// <summary>
/// The commands for the payer's money: <c>status</c>, <c>deposit</c>, <c>withdraw</c>, <c>mint</c> on test networks,
/// <c>unblock</c>, and <c>new-key</c>. They take the gateway's own flags and variables, and start none.
/// </summary>
/// <remarks>
/// The payer's key is accepted from files, variables and custom signers, not from the command line. A command that sends a
/// transaction first shows what it will do, and asks.
/// </remarks>
public static class PayerCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="args">The words after <c>payer</c>: the command, its own flags, the gateway's flags.</param>
    /// <param name="input">Answers to questions; the console when null.</param>
    /// <param name="output">Where to write the result; the console when null.</param>
    /// <param name="errors">Where to write plans, questions, progress and faults; the console's errors when null.</param>
    /// <param name="yours">What the program adds after <c>AddXmtpGateway</c>, such as a signer.</param>
    /// <param name="cancellationToken">Ends the command with <see cref="OperationCanceledException"/>; what was sent stays sent.</param>
    /// <returns>
    /// The exit code: 0 done, 1 not done, 2 the command line or the settings cannot be used, 3 a transaction was sent and its
    /// outcome is not known yet.
    /// </returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        TextReader? input = null,
        TextWriter? output = null,
        TextWriter? errors = null,
        Action<XmtpGatewayBuilder>? yours = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        var console = WalletConsole.Of(input, output, errors);
        try
        {
            var asked = PayerArguments.Read(args);
            asked.RefuseKey();
            if (asked.Verb == PayerVerb.NewKey) await NewKeyTool.RunAsync(asked, console, cancellationToken).ConfigureAwait(false);
            else if (asked.Verb != PayerVerb.Help) return await RunAsync(asked, console, yours, cancellationToken).ConfigureAwait(false);
            else await console.Output.WriteLineAsync(PayerHelp.Text).ConfigureAwait(false);
            return WalletExit.Done;
        }
        catch (WalletException exception)
        {
            await console.TellAsync(exception.Message).ConfigureAwait(false);
            return exception.ExitCode;
        }
        catch (GatewayStartException exception)
        {
            await console.TellAsync(string.Join(Environment.NewLine, exception.Faults)).ConfigureAwait(false);
            return WalletExit.Misused;
        }
#pragma warning disable CA1031 // A signer or a file system may throw anything; a transaction may have been sent before.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            await console.TellAsync(
                $"the command failed: {exception.Message}; check the transaction shown above before you repeat it").ConfigureAwait(false);
            return WalletExit.InDoubt;
        }
    }

    private static async Task<int> RunAsync(
        PayerArguments asked, WalletConsole console, Action<XmtpGatewayBuilder>? yours, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();
        var gateway = builder.AddXmtpGateway(asked.Settings);
        yours?.Invoke(gateway);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        await using var appScope = app.ConfigureAwait(false);
        var faults = app.Services.GetRequiredService<StartChecks>().ConfigurationFaults();
        if (faults.Count > 0) throw new WalletException(string.Join(Environment.NewLine, faults), WalletExit.Misused);
        var wallet = await PayerWallet.OpenAsync(app.Services, console, cancellationToken).ConfigureAwait(false);
        if (asked.Verb == PayerVerb.Status)
            return await StatusTool.RunAsync(app.Services, wallet, asked.Json, console, cancellationToken).ConfigureAwait(false);
        var transactions = new WalletTransactions(wallet, asked, console);
        Func<Task> run = asked.Verb switch
        {
            PayerVerb.Deposit => () => new DepositTool(wallet, transactions, console).RunAsync(asked.Amount, cancellationToken),
            PayerVerb.Mint => () => new MintTool(wallet, transactions, console).RunAsync(asked.Amount, cancellationToken),
            PayerVerb.Unblock => () => new UnblockTool(wallet, transactions, console).RunAsync(cancellationToken),
            PayerVerb.Withdraw => () => new WithdrawTool(wallet, transactions, console).RequestAsync(asked.Amount, cancellationToken),
            PayerVerb.Cancel => () => new WithdrawTool(wallet, transactions, console).CancelAsync(cancellationToken),
            _ => () => new WithdrawTool(wallet, transactions, console).FinalizeAsync(cancellationToken),
        };
        await run().ConfigureAwait(false);
        return WalletExit.Done;
    }
}
