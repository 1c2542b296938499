"""What English says: sentences, whose words they are, what takes them back, numbers, names; by form and closed lists.

No model is asked here. For another language this is what has to be written anew.
"""
