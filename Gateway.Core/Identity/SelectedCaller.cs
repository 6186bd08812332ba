namespace Xmtp.Gateway.Identity;

/// <summary>A feature of a call whose payer was selected: its caller, with the payer.</summary>
/// <param name="Identity">The caller; its <see cref="ClientIdentity.Payer"/> is set.</param>
internal sealed record SelectedCaller(ClientIdentity Identity);
