namespace Xmtp.Gateway.Wallet;

/// <summary>The text of <c>payer --help</c>.</summary>
internal static class PayerHelp
{
    internal const string Text = """
        The payer's money. Takes the gateway's own flags and variables for the key, the chains and the contracts, and starts none.

        Usage: xmtp-gateway payer status [--json]        both funds, a pending withdrawal, and what each fund buys now
               xmtp-gateway payer deposit AMOUNT         from the wallet to its balance in the payer registry
               xmtp-gateway payer withdraw AMOUNT        request a withdrawal from that balance
               xmtp-gateway payer withdraw --finalize    pay it out to the wallet, once its lock has ended
               xmtp-gateway payer withdraw --cancel      return it to the balance
               xmtp-gateway payer mint AMOUNT            make stablecoins for the wallet; test networks only
               xmtp-gateway payer unblock                cancel the oldest transaction of the wallet that waits for a block
               xmtp-gateway payer new-key --out FILE     make a key, and write it to an encrypted file

        AMOUNT is in dollars with up to 6 decimals, right after the command.
          --yes             send without a question
          --wait DURATION   how long to wait for the block of each transaction (default 3m, at most 1h)

        A key on the command line is refused: use --payer.private-key-file, --payer.keystore-file, or XMTPD_PAYER_PRIVATE_KEY.
        new-key takes the password from --payer.keystore-password-file or its variable, or asks for it.

        Exit code 0: done. 1: not done. 2: flags or settings cannot be used. 3: sent, and the outcome is not known yet.
        """;
}
