namespace Xmtp.Gateway.Idempotency;

/// <summary>A claim that ends, with the outcome of its envelope.</summary>
/// <param name="Key">The envelope.</param>
/// <param name="Answer">The answer; null when it was not published.</param>
/// <param name="OnPersisted">Called once the answer is stored; see <see cref="IPublishedStore"/>. Null for nothing.</param>
internal readonly record struct EndedClaim(EnvelopeKey Key, PublishedAnswer? Answer, Action? OnPersisted);
