namespace Xmtp.Gateway.DevNet.Page;

/// <summary>An envelope as the page shows it.</summary>
/// <param name="Key">Originator and sequence id.</param>
/// <param name="Time">The originator's time of day, UTC.</param>
/// <param name="Kind">The kind of envelope, in a word or two.</param>
/// <param name="Identifier">The identifier of its topic, in hex: a group, an installation, an inbox.</param>
/// <param name="Where">The node or chain that accepted it, and its sequence id there.</param>
/// <param name="Bytes">The size of the client envelope.</param>
/// <param name="Cost">Its cost: the node's fee in dollars, or the gas of the transaction.</param>
internal sealed record PublishedEnvelope(string Key, string Time, string Kind, string Identifier, string Where, int Bytes, string Cost);
